/*
 * The hypervisor's signature where processors have none.
 */
#include "node/native.h"

void hypervisor_signature(char ret_signature[HYPERVISOR_SIGNATURE_MAX])
{
	ret_signature[0] = '\0';
}

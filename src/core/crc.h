/*
 * Checksums of the CRC family, in pieces: the result for one piece is what the next starts from.
 *
 *	uint32_t crc = crc_32(crc_32(CRC_32_START, head, head_len), body, body_len);
 *
 * What is returned after the last piece is the checksum as its standard writes it; inversions are
 * done within. The tables are constants: 2.5 KiB of read-only memory for all three.
 */
#ifndef CORE_CRC_H
#define CORE_CRC_H

#include "core/def.h"

#define CRC_32_START UINT32_C(0)
#define CRC_32C_START UINT32_C(0)
#define CRC_16_CCITT_START UINT16_C(0xffff)

/* CRC-32 of IEEE 802.3 (zlib, gzip, GPT). Of "123456789": cbf43926. */
uint32_t crc_32(uint32_t crc, const void *bytes, size_t len);

/* CRC-32C, Castagnoli's polynomial (RFC 3720, ext4, NVMe). Of "123456789": e3069283. */
uint32_t crc_32c(uint32_t crc, const void *bytes, size_t len);

/* CRC-16/CCITT-FALSE (IBM-3740). Of "123456789": 29b1. */
uint16_t crc_16_ccitt(uint16_t crc, const void *bytes, size_t len);

#endif

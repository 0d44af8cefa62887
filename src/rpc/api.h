/*
 * The texts of the interfaces that every server speaks, embedded from api/ by rpc-embed.
 */
#ifndef RPC_API_H
#define RPC_API_H

extern const char api_rpc[]; /* io.leonhard.Rpc */
extern const char api_varlink_service[]; /* org.varlink.service */

#endif

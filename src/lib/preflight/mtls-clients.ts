/** Clients that `mtls: required` tries; the first three can always be made, the others need the authority of the clients or files of the caller. */
export const MTLS_CLIENTS = ['none', 'untrusted', 'impostor', 'expired', 'wrong-purpose'] as const;
export type MtlsClient = (typeof MTLS_CLIENTS)[number];

/**
 * OpenSSL's sentence alone, without its thread, numbers, functions and source lines: `806C…:error:0A00007B:SSL routines:tls_process_cert_verify:bad
 * signature:../ssl/statem_lib.c:545:` becomes `bad signature`. Other texts stay as they are, but for the blanks around them.
 */
export function opensslWords(message: string): string {
  const parts = /^(?:[0-9A-Fa-f]+:)?error:[0-9A-Fa-f]+:[^:]*:([^:]*):([^:]+)/.exec(message.trim());
  return (parts?.[2] ?? message).trim();
}

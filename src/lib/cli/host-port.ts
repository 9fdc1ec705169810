/** `HOST:PORT`, with the host in brackets when it is an IPv6 address; undefined for anything else. */
export function splitHostPort(input: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(input.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  return match === null || host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/**
 * CPU time of this process so far, milliseconds. Bounds on work are bounds on this: what else the machine does must not fail a test.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

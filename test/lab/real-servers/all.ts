import { apache, gnutlsServer, haproxy, nginx, opensslServer } from './c-servers.js';
import type { RealServerKind } from './real-server.js';
import { goServer, javaServer, pythonServer } from './runtimes.js';

/** Every real server that the slow suites know how to start. */
export const REAL_SERVERS: readonly RealServerKind[] = [
  opensslServer,
  nginx,
  haproxy,
  apache,
  gnutlsServer,
  goServer,
  pythonServer,
  javaServer,
];

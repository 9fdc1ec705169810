/** What a server takes, found by hand-made ClientHellos of which only the ServerHello or alert was read. */
export interface ScanFact {
  versions: { version: string; accepted: boolean /** Alert or what else came instead. */; instead?: string; weak?: string }[];
  suites: {
    version: string;
    /** In the server's order of preference when it has one. */
    accepted: { id: number; name: string; openssl: string; weak?: string }[];
    /** Whose order decides. */
    preference: 'server' | 'client' | 'only-one';
  }[];
  groups: { version: string; accepted: string[] }[];
  signatureSchemes: { version: string; accepted: string[] }[];
  /** ClientHellos sent. */
  hellos: number;
  ms: number;
  /** What is not sure or was left out, and why. */
  notes: string[];
}

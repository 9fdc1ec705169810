/**
 * How long to listen after node says `secureConnect` before calling the connection accepted. In TLS 1.3 a server judges the client's
 * certificate only after the client has finished: its refusal arrives one round trip and some server time later (measured on a loaded
 * loopback: 1 to 160 ms). Without a CertificateRequest there is nothing left to refuse.
 */
export interface QuietWindowFacts {
  /** Milliseconds from SYN to SYN-ACK, or what stands for it. */
  roundTripMs: number;
  tls13: boolean;
  certificateRequested: boolean;
}

/** Milliseconds to wait for an alert or a FIN when nothing else comes. */
export function quietWindowMs({ roundTripMs, tls13, certificateRequested }: QuietWindowFacts): number {
  if (tls13 && certificateRequested) return Math.min(3000, Math.max(250, 8 * roundTripMs));
  return Math.min(1000, Math.max(10, roundTripMs));
}

/** What every window lasts at least, as long as nobody has read what the server asked for. */
export function shortestWindowMs(roundTripMs: number): number {
  return quietWindowMs({ roundTripMs, tls13: false, certificateRequested: false });
}

/**
 * What is left of the window once a session ticket came. Weak proof where a certificate was asked for: the common stacks send tickets
 * only after they accepted it, but nothing obliges them to.
 */
export function graceAfterTicketMs({ roundTripMs, certificateRequested }: QuietWindowFacts): number {
  return certificateRequested ? Math.min(500, Math.max(30, 2 * roundTripMs)) : 0;
}

/** How long to hold the HTTP request back, so that a refusal on its way is not lost to a reset. */
export function holdRequestMs({ roundTripMs, tls13, certificateRequested }: QuietWindowFacts): number {
  return tls13 && certificateRequested ? Math.min(500, Math.max(20, 2 * roundTripMs)) : 0;
}

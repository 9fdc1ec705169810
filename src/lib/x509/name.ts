/** One attribute of a distinguished name. */
export interface NameAttribute {
  oid: string;
  /** `CN`, `O`, ... or the OID when it has no short name. */
  type: string;
  value: string;
  /** ASN.1 tag of the value. */
  tag: number;
}

/** A distinguished name (RFC 5280 §4.1.2.4). `text` is RFC 4514 style, most significant last as in the encoding order `CN=…, O=…`, unescaped for no terminal. */
export interface Name {
  readonly rdns: readonly (readonly NameAttribute[])[];
  readonly der: Uint8Array;
  readonly text: string;
  /** First commonName, if any. */
  readonly commonName: string | undefined;
  /** Comparison key after RFC 5280 §7.1 normalisation: equal keys, equal names. */
  readonly key: string;
}

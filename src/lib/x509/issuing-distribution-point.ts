import { type DerReader, TAG } from './der.js';
import { readBoolean, readNamedBits } from './der-values.js';
import { REASON_FLAGS, readPointName } from './extensions.js';
import type { GeneralName } from './general-name.js';

/** What a revocation list covers, when that is not everything of its issuer. */

/** IssuingDistributionPoint (§5.2.5). */
export interface IssuingDistributionPoint {
  fullName?: GeneralName[];
  relativeName?: Uint8Array;
  onlyUserCertificates: boolean;
  onlyCaCertificates: boolean;
  onlyAttributeCertificates: boolean;
  onlySomeReasons?: string[];
  indirect: boolean;
}

/** IssuingDistributionPoint at the cursor (§5.2.5). */
export function readIssuingPoint(reader: DerReader): IssuingDistributionPoint {
  const what = 'issuingDistributionPoint';
  const fields = reader.open(TAG.sequence, what);
  reader.finish(what);
  const point: IssuingDistributionPoint = {
    onlyUserCertificates: false,
    onlyCaCertificates: false,
    onlyAttributeCertificates: false,
    indirect: false,
  };
  if (!fields.more) reader.problems.push({ offset: fields.position, severity: 'strict', message: `${what}: empty (RFC 5280 §5.2.5)` });
  const name = fields.optional(0xa0, what);
  if (name !== undefined) {
    readPointName(fields, name, point, `${what}: distributionPoint`);
  }
  const flag = (tag: number): boolean => {
    const element = fields.optional(tag, what);
    return element !== undefined && readBoolean(fields, element, what);
  };
  point.onlyUserCertificates = flag(0x81);
  point.onlyCaCertificates = flag(0x82);
  const reasons = fields.optional(0x83, what);
  if (reasons !== undefined) point.onlySomeReasons = readNamedBits(fields, reasons, REASON_FLAGS, `${what}: onlySomeReasons`);
  point.indirect = flag(0x84);
  point.onlyAttributeCertificates = flag(0x85);
  fields.finish(what);
  return point;
}

/** An inspection as the document of the contract: whole, or as text in pieces. */
import type { Inspection } from '../inspection/inspection.js';
import type { Where } from '../inspection/inventory.js';
import { verdictOf } from '../inspection/verdict.js';
import { lintOf } from '../lint/registry.js';
import { isoTime } from '../time-text.js';
import { writePem } from '../x509/pem.js';
import type { InspectionDocument, WhereDocument } from './inspection-document.js';
import {
  certificateDocument,
  crlDocument,
  inputDocument,
  keyDocument,
  keyInfo,
  ocspDocument,
  requestDocument,
} from './inspection-items.js';
import { jsonPieces } from './json.js';

const ids = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);

function citationText(name: string): { title: string; why: string; fix: string; citation: string } {
  const meta = lintOf(name)?.meta;
  if (meta === undefined) return { title: name, why: '', fix: '', citation: '' };
  const citation =
    'rfc' in meta.citation ? `RFC ${meta.citation.rfc} §${meta.citation.section}` : `${meta.citation.title}: ${meta.citation.url}`;
  return { title: meta.title, why: meta.why, fix: meta.fix, citation };
}

/** The parts of the document that grow with the inputs, each made item by item. */
type Lists = { [K in keyof InspectionDocument as InspectionDocument[K] extends readonly unknown[] ? K : never]: InspectionDocument[K] };
type LazyLists = { [K in keyof Lists]: Iterable<Lists[K][number]> };

function* each<A, B>(list: readonly A[], make: (item: A) => B): Generator<B> {
  for (const item of list) yield make(item);
}

function listsOf(inspection: Inspection): LazyLists {
  const { inventory, judgement, at } = inspection;
  const { certificates } = inventory;
  const place = ({ input, path, line, alias }: Where): WhereDocument => ({
    input: inventory.inputs[input]?.label ?? '',
    path: [...path],
    ...(line === undefined ? {} : { line }),
    ...(alias === undefined ? {} : { alias }),
  });
  return {
    inputs: each(inventory.inputs, inputDocument),
    certificates: each(certificates, (found) => certificateDocument(found, at, place(found.where))),
    keys: each(inventory.keys, (key) => keyDocument(key, place(key.where))),
    requests: each(inventory.requests, (request) => requestDocument(request, place(request.where))),
    publicKeys: each(inventory.publicKeys, ({ id, where, publicKey }) => ({
      id,
      where: place(where),
      publicKey: keyInfo(publicKey),
      pem: writePem('PUBLIC KEY', publicKey.spki),
    })),
    revocationLists: each(inventory.crls, (crl) => crlDocument(crl, place(crl.where), certificates)),
    ocspResponses: each(inventory.ocspResponses, (response) => ocspDocument(response, place(response.where))),
    damaged: each(inventory.damaged, ({ where, what, problem }) => ({ where: place(where), what, problem })),
    others: each(inventory.others, ({ where, what }) => ({ where: place(where), what })),
    lints: each(inspection.lints, ({ result, about, where }) => ({
      lint: result.lint,
      severity: result.severity,
      message: result.finding.message,
      certificates: ids(about),
      ...(where === undefined ? {} : { file: where.text }),
      ...citationText(result.lint),
    })),
    causes: judgement.causes,
    warnings: judgement.warnings,
  };
}

/** The document with its lists as given: empty ones that are filled while it is written, or whole ones. */
function documentWith(inspection: Inspection, lists: Lists): InspectionDocument {
  const { relations, at, lintCounts } = inspection;
  return {
    schema: 'tlsmedic/inspection@1',
    ok: inspection.judgement.causes.length === 0,
    at: isoTime(at),
    verdict: verdictOf(inspection),
    inputs: lists.inputs,
    passedOver: inspection.passedOver,
    certificates: lists.certificates,
    keys: lists.keys,
    requests: lists.requests,
    publicKeys: lists.publicKeys,
    revocationLists: lists.revocationLists,
    ocspResponses: lists.ocspResponses,
    damaged: lists.damaged,
    others: lists.others,
    relations: {
      keys: relations.groups
        .filter(({ keys, certificates: of, requests }) => keys.length + of.length + requests.length > 1)
        .map((group) => ({ keys: ids(group.keys), certificates: ids(group.certificates), requests: ids(group.requests) })),
      pairs: inspection.pairs.map(({ key, beside, verdict, because, fits }) => ({
        key: key.id,
        certificates: ids(beside),
        verdict,
        because,
        fits: ids(fits),
      })),
      chains: relations.chains.map(({ members, complete }) => ({ certificates: ids(members), complete })),
      orders: relations.orders.map(({ where, has, shouldBe, strangers, leafFirst, inOrder }) => ({
        where,
        has: ids(has),
        shouldBe: ids(shouldBe),
        strangers: ids(strangers),
        leafFirst,
        inOrder,
      })),
      duplicates: relations.duplicates.map(ids),
      strangers: ids(relations.strangers),
      signaturesChecked: relations.signaturesChecked,
    },
    lints: lists.lints,
    lintCounts: { finding: lintCounts.finding, pass: lintCounts.pass, notApplicable: lintCounts['not-applicable'] },
    causes: lists.causes,
    warnings: lists.warnings,
  };
}

/** The document of an inspection. */
export function inspectionDocument(inspection: Inspection): InspectionDocument {
  const lists = listsOf(inspection);
  return documentWith(inspection, {
    inputs: [...lists.inputs],
    certificates: [...lists.certificates],
    keys: [...lists.keys],
    requests: [...lists.requests],
    publicKeys: [...lists.publicKeys],
    revocationLists: [...lists.revocationLists],
    ocspResponses: [...lists.ocspResponses],
    damaged: [...lists.damaged],
    others: [...lists.others],
    lints: [...lists.lints],
    causes: [...lists.causes],
    warnings: [...lists.warnings],
  });
}

const NOTHING: Lists = {
  inputs: [],
  certificates: [],
  keys: [],
  requests: [],
  publicKeys: [],
  revocationLists: [],
  ocspResponses: [],
  damaged: [],
  others: [],
  lints: [],
  causes: [],
  warnings: [],
};

/** The text of the same document, in pieces: that of a hundred thousand certificates fits no string. */
export function inspectionJson(inspection: Inspection): Generator<string> {
  return jsonPieces(documentWith(inspection, NOTHING), listsOf(inspection));
}

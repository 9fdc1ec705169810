/** The part of an inspection's screen that says what belongs together. */
import { quoteForShell } from '../diagnose/meta.js';
import type { Inspection } from '../inspection/inspection.js';
import { type FoundCertificate, type InspectedInput, typedAs } from '../inspection/inventory.js';
import { nameOfCertificate } from '../inspection/judgement.js';
import type { Chain, OrderCheck } from '../inspection/relations.js';
import { toHex } from '../x509/der-values.js';
import { field } from './certificate-card.js';
import { escapeForTerminal } from './escape.js';
import { commandLine } from './inspection-steps.js';
import type { View } from './view.js';

const MAX_CHAINS = 12;

function named(found: FoundCertificate): string {
  return escapeForTerminal(`${nameOfCertificate(found)} (${found.where.text})`);
}

/** Who is wanted above the last certificate of an open chain. */
function wanted(found: FoundCertificate): string {
  const { issuer, authorityKeyIdentifier } = found.certificate;
  const id = authorityKeyIdentifier?.keyIdentifier;
  return `"${escapeForTerminal(issuer.text)}"${id === undefined ? '' : `, key identifier ${toHex(id).slice(0, 16)}`}`;
}

function chainLine({ members, complete }: Chain, view: View): string {
  const { style } = view;
  const last = members.at(-1) as FoundCertificate;
  const text = members.map(named).join(` ${style.symbol.arrowRight} `);
  const end =
    last.impostor !== undefined
      ? style.warn(`its issuer's name is here with another key: ${named(last.impostor)}`)
      : complete
        ? style.ok(`${style.symbol.ok} complete`)
        : style.dim(`its issuer is not here: ${wanted(last)}`);
  return field('chain', `${text}; ${end}`, view);
}

function orderLines(order: OrderCheck, input: InspectedInput | undefined, asFix: boolean, view: View): string[] {
  const { style } = view;
  const lines: string[] = [];
  const names = (list: readonly FoundCertificate[]): string =>
    list.map((found) => escapeForTerminal(nameOfCertificate(found))).join(` ${style.symbol.arrowRight} `);
  const where = escapeForTerminal(order.where);
  if (!order.leafFirst || !order.inOrder) {
    lines.push(field('order', `${where} has   ${style.warn(names(order.has))}`, view));
    lines.push(field('', `it should be ${style.ok(names(order.shouldBe))}`, view));
    // As a cause it stands among the fixes.
    if (!asFix)
      lines.push(commandLine(`tlsmedic inspect ${input === undefined ? 'FILE' : quoteForShell(typedAs(input))} --pem > NEW.pem`, view));
  }
  if (order.strangers.length > 0)
    lines.push(field('stranger', `in ${where}, not part of its chain: ${order.strangers.map(named).join(', ')}`, view));
  return lines;
}

/** Chains, those of certificates whose issuer is not here counted by issuer. */
function chainLines(chains: readonly Chain[], view: View): string[] {
  const alone = new Map<string, FoundCertificate[]>();
  const drawn: Chain[] = [];
  for (const chain of chains) {
    const [leaf] = chain.members;
    if (leaf === undefined || chain.members.length > 1 || leaf.impostor !== undefined) {
      drawn.push(chain);
      continue;
    }
    const key = wanted(leaf);
    alone.set(key, [...(alone.get(key) ?? []), leaf]);
  }
  const lines = drawn.slice(0, MAX_CHAINS).map((chain) => chainLine(chain, view));
  if (drawn.length > MAX_CHAINS)
    lines.push(field('', view.style.dim(`and ${drawn.length - MAX_CHAINS} more chains: --json has all`), view));
  for (const [issuer, leaves] of [...alone].slice(0, MAX_CHAINS)) {
    const who = leaves.length <= 3 ? leaves.map(named).join(', ') : `${leaves.length} certificates`;
    lines.push(field('issuer', `of ${who} is not here: ${issuer}`, view));
  }
  if (alone.size > MAX_CHAINS)
    lines.push(field('', view.style.dim(`and ${alone.size - MAX_CHAINS} more issuers that are not here: --json has all`), view));
  return lines;
}

/** Lines of the section; empty when there is nothing to relate. */
export function inspectionRelations(inspection: Inspection, view: View): string[] {
  const { inventory, relations } = inspection;
  const { style } = view;
  const distinct = inventory.certificates.filter(({ duplicateOf }) => duplicateOf === undefined);
  const lines: string[] = [];
  if (distinct.length > 1 || inventory.keys.length > 0) {
    const chains = relations.chains.filter(({ members, complete }) => members.length > 1 || !complete);
    lines.push(...chainLines(chains, view));
  }
  for (const order of relations.orders)
    lines.push(...orderLines(order, inventory.inputs[order.input], inspection.judgement.causes.length > 0, view));
  for (const copies of relations.duplicates.slice(0, 10)) {
    lines.push(
      field(
        'same',
        `${escapeForTerminal(nameOfCertificate(copies[0] as FoundCertificate))} lies in ${copies.map(({ where }) => escapeForTerminal(where.text)).join(' and ')}`,
        view,
      ),
    );
  }
  if (relations.duplicates.length > 10)
    lines.push(field('', style.dim(`and ${relations.duplicates.length - 10} more certificates found several times`), view));
  const strangers = relations.strangers.filter((found) => !relations.orders.some((order) => order.strangers.includes(found)));
  if (strangers.length > 0) {
    const listed = strangers.slice(0, 8).map(named).join(', ');
    lines.push(
      field(
        'stranger',
        `nothing here issued it and it issued nothing here: ${listed}${strangers.length > 8 ? ` and ${strangers.length - 8} more` : ''}`,
        view,
      ),
    );
  }
  for (const { where, crl } of inventory.crls) {
    for (const found of distinct) {
      const entry = crl.find(found.certificate);
      if (entry !== undefined)
        lines.push(
          field(
            'revoked',
            style.fail(`${named(found)} is on the list in ${escapeForTerminal(where.text)}: ${escapeForTerminal(entry.reason)}`),
            view,
          ),
        );
    }
  }
  return lines;
}

/** Environment files (`.env`, docker --env-file): values that are PEM, PEM with \n in it, or base64 of something. */

export interface Assignment {
  name: string;
  value: string;
  line: number;
}

const START = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]{0,100})[ \t]*=[ \t]*/;
const MAX_ASSIGNMENTS = 10_000;

/** End of a quoted value; a backslash protects the next character inside double quotes. -1 when it does not end. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/**
 * Reads `NAME=value` lines; quoted values may run over several lines. Undefined when the text is not made of assignments:
 * a line that is neither blank, a comment nor an assignment.
 */
export function readEnvironmentFile(text: string): Assignment[] | undefined {
  const assignments: Assignment[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const stop = text.indexOf('\n', at);
    const lineEnd = stop < 0 ? text.length : stop;
    const content = text.slice(at, lineEnd);
    const begun = line;
    line++;
    if (/^\s*(?:#|$)/.test(content)) {
      at = lineEnd + 1;
      continue;
    }
    const start = START.exec(content);
    if (start === null || assignments.length >= MAX_ASSIGNMENTS) return undefined;
    const valueAt = at + start[0].length;
    const quote = text[valueAt];
    let value: string;
    if (quote === '"' || quote === "'" || quote === '`') {
      const end = closingQuote(text, valueAt + 1, quote);
      if (end < 0) return undefined;
      value = text.slice(valueAt + 1, end);
      line += value.match(/\n/g)?.length ?? 0;
      const rest = text.indexOf('\n', end);
      at = rest < 0 ? text.length : rest + 1;
    } else {
      value = text.slice(valueAt, lineEnd).trim();
      at = lineEnd + 1;
      // An unquoted PEM value that simply goes on over the next lines, up to its END line.
      if (value.startsWith('-----BEGIN') && !value.includes('-----END')) {
        const end = /-----END [A-Z0-9 ]{1,40}-----/.exec(text.slice(valueAt, valueAt + 100_000));
        if (end !== null) {
          value = text.slice(valueAt, valueAt + end.index + end[0].length);
          line += value.match(/\n/g)?.length ?? 0;
          const rest = text.indexOf('\n', valueAt + value.length);
          at = rest < 0 ? text.length : rest + 1;
        }
      }
    }
    assignments.push({ name: start[1] as string, value, line: begun });
  }
  return assignments.length === 0 ? undefined : assignments;
}

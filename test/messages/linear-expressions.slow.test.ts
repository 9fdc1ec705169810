import { checkSync } from 'recheck';
import { describe, expect, it } from 'vitest';
import { CAPTURE_EXPRESSIONS } from '../../src/lib/messages/captures.js';
import { TIME_EXPRESSIONS } from '../../src/lib/messages/line.js';
import { SHAPE_EXPRESSIONS } from '../../src/lib/messages/line-memory.js';
import { LOOKALIKE_EXPRESSIONS } from '../../src/lib/messages/lookalike.js';
import { SIDE_CUES } from '../../src/lib/messages/side.js';
import { PATTERNS } from '../../src/lib/messages/stacks.js';

process.env.RECHECK_BACKEND = 'pure';

/** Every expression that meets a line of a log, once. */
const expressions = new Map<string, RegExp>();
for (const expression of [
  ...PATTERNS.flatMap(({ text }) => (text === undefined ? [] : [text])),
  ...SIDE_CUES.map(([, cue]) => cue),
  ...LOOKALIKE_EXPRESSIONS,
  ...CAPTURE_EXPRESSIONS,
  ...TIME_EXPRESSIONS,
  ...SHAPE_EXPRESSIONS,
]) {
  expressions.set(String(expression), expression);
}

describe('no expression can run away', () => {
  it('recheck knows an attack when it sees one', () => {
    expect(checkSync('^(a+)+$', '', { checker: 'automaton' }).status).toBe('vulnerable');
    expect(checkSync('a*b*c*$', '', { checker: 'automaton' }).status).toBe('vulnerable');
  });

  it('each is shown to be linear by its automaton', () => {
    expect(expressions.size).toBeGreaterThan(400);
    const doubtful = [...expressions.values()].flatMap(({ source, flags }) => {
      const { status } = checkSync(source, flags, { checker: 'automaton', timeout: 20_000 });
      return status === 'safe' ? [] : [`${status}: ${source}`];
    });
    expect(doubtful).toEqual([]);
  });
});

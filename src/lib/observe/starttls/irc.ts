import { type PrefaceStream, refused } from '../preface/preface-stream.js';

/** The STARTTLS extension of IRC: numeric 670 grants it, 691 refuses. Notices may come before. */
export async function irc(stream: PrefaceStream): Promise<void> {
  stream.write('STARTTLS\r\n', 'STARTTLS');
  for (;;) {
    const line = await stream.line();
    const numeric = /^(?::\S+ )?(\d{3}|ERROR)\b/.exec(line)?.[1];
    if (numeric === '670') return;
    if (numeric !== undefined) throw refused(`STARTTLS: the server said "${line}"`);
  }
}

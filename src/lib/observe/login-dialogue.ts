/**
 * The first word of a login, to see whether a mail server lets this client begin one: `AUTHENTICATE PLAIN` (RFC 9051 §6.2.2) or `AUTH PLAIN`
 * (RFC 5034), taken back before a name or a password is asked for. Dovecot takes and greets every client, and refuses one without a valid
 * certificate only here.
 */
export type LoginProtocol = 'imap' | 'pop3';

const COMMANDS: Record<LoginProtocol, string> = { imap: 'a AUTHENTICATE PLAIN', pop3: 'AUTH PLAIN' };

/** Enough for any answer of one line. */
const MAX_LINE = 1024;

/** What was asked and the first line that came back. */
export interface LoginAnswer {
  command: string;
  answer: string;
}

/** Waits for the greeting unless STARTTLS took it already, asks, and keeps the answer. */
export class LoginDialogue {
  readonly command: string;
  private readonly protocol: LoginProtocol;
  private text = '';
  private asked: boolean;

  constructor(protocol: LoginProtocol, greeted: boolean) {
    this.protocol = protocol;
    this.command = COMMANDS[protocol];
    this.asked = greeted;
  }

  /** What to send once the handshake stands, if it is our turn already. */
  get opening(): string | undefined {
    return this.asked ? `${this.command}\r\n` : undefined;
  }

  /** Bytes as they come: what to send next, or the answer. */
  push(chunk: Uint8Array): { send?: string; answer?: LoginAnswer } {
    this.text = (this.text + Buffer.from(chunk).toString('latin1')).slice(-MAX_LINE);
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end < 0) return {};
      const line = this.text.slice(0, end).replace(/\r$/, '');
      this.text = this.text.slice(end + 1);
      if (!this.asked) {
        this.asked = true;
        return { send: `${this.command}\r\n` };
      }
      // Untagged lines of IMAP are news, not the answer.
      if (this.protocol === 'imap' && line.startsWith('* ') && !/^\* BYE/i.test(line)) continue;
      return { answer: { command: this.command, answer: line }, ...(line.startsWith('+') && !line.startsWith('+OK') && { send: '*\r\n' }) };
    }
  }
}

import * as Args from '@oclif/core/args';
import { TlsmedicCommand } from '../lib/cli/base-command.js';
import { schemaNames, schemaText } from '../lib/operations/schemas.js';

export default class Schema extends TlsmedicCommand {
  static override summary = 'print the JSON Schema of a document that --json prints';
  static override examples = [
    { description: 'which documents there are', command: 'tlsmedic schema' },
    { description: 'one of them', command: 'tlsmedic schema diagnosis > diagnosis.schema.json' },
  ];
  static override args = {
    name: Args.string({ description: 'name of the document, with or without its version: diagnosis, diagnosis@1' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Schema);
    if (args.name === undefined) {
      const schemas = schemaNames();
      this.finish({ document: { schema: 'tlsmedic/schemas@1', schemas }, render: () => schemas.join('\n'), exitStatus: 0 });
      return;
    }
    const text = schemaText(args.name);
    this.finish({ document: JSON.parse(text), render: () => text, exitStatus: 0 });
  }
}

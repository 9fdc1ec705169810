import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/lib/preflight/config-file.js';
import { expectSchema } from '../../src/lib/preflight/config-schema.js';

const page = readFileSync(new URL('../../docs/preflight.md', import.meta.url), 'utf8');

describe('docs/preflight.md', () => {
  it('shows a file that is taken', async () => {
    const yaml = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const { config } = await readConfig(yaml, 'docs/preflight.md');
    expect(config.targets).toHaveLength(3);
  });
  it('explains every expectation that there is', () => {
    const table = page.slice(page.indexOf('| expectation |'), page.indexOf('A deviation'));
    for (const name of Object.keys(expectSchema.shape)) expect(table).toContain(`\`${name}`);
  });
});

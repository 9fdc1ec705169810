import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Plugin } from '@oclif/core';
import { ROOT } from './bundle.mjs';

/** oclif's own manifest of dist/commands, its keys in a stable order and without what depends on the machine. */
export async function makeManifest({ tolerant }) {
  const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: !tolerant });
  await plugin.load();
  const { commands } = plugin.manifest;
  const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
  return `${JSON.stringify(sorted({ commands, version }), dropped, 2)}\n`;
}

/** Where a command's file lies follows from its id. */
function dropped(key, value) {
  return ['relativePath', 'isESM', 'pluginAlias', 'pluginName', 'pluginType', 'enableJsonFlag', 'hasDynamicHelp', 'hiddenAliases'].includes(
    key,
  )
    ? undefined
    : value;
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  // Arguments, flags and options keep the order in which they were written.
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === 'flags' || key === 'args' || key === 'options' ? inner : sorted(inner)]),
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Plugin } from '@oclif/core';
import { ROOT } from './bundle.mjs';

/** oclif's own manifest of dist/commands, its keys in a stable order and without what depends on the machine. */
export async function makeManifest({ tolerant }) {
  const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: !tolerant });
  await plugin.load();
  // oclif lists them in the order in which the file system happened to answer.
  const commands = Object.fromEntries(Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)));
  const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;
  return `${JSON.stringify({ commands, version }, dropped, 2)}\n`;
}

/** Where a command's file lies follows from its id. */
function dropped(key, value) {
  return ['relativePath', 'isESM', 'pluginAlias', 'pluginName', 'pluginType', 'enableJsonFlag', 'hasDynamicHelp', 'hiddenAliases'].includes(
    key,
  )
    ? undefined
    : value;
}

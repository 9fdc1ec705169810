/** The part of `oclif.manifest.json` that help, suggestions, completion and the reference pages read. */
export interface Manifest {
  commands: Record<string, ManifestCommand>;
  version: string;
}

export interface ManifestCommand {
  id: string;
  summary?: string;
  description?: string;
  examples?: (string | { description: string; command: string })[];
  hidden?: boolean;
  args: Record<string, ManifestArg>;
  flags: Record<string, ManifestFlag>;
  strict?: boolean;
  usage?: string | string[];
}

export interface ManifestArg {
  name: string;
  description?: string;
  required?: boolean;
  options?: string[];
  multiple?: boolean;
  hidden?: boolean;
}

export interface ManifestFlag {
  name: string;
  type: 'boolean' | 'option';
  char?: string;
  description?: string;
  summary?: string;
  helpGroup?: string;
  helpValue?: string | string[];
  options?: string[];
  multiple?: boolean;
  required?: boolean;
  allowNo?: boolean;
  hidden?: boolean;
  default?: unknown;
  aliases?: string[];
}

/** `ca init` for `ca:init`. */
export function spacedId(id: string): string {
  return id.replaceAll(':', ' ');
}

/** Commands for eyes, in the order in which a newcomer meets them; the rest by name. */
const ORDER = [
  'demo',
  'diagnose',
  'probe',
  'verify-chain',
  'inspect',
  'explain',
  'ca:init',
  'issue',
  'ca',
  'serve',
  'preflight',
  'monitor',
];

export function visibleCommands(manifest: Manifest): ManifestCommand[] {
  const rank = (id: string) => {
    const index = ORDER.findIndex((name) => id === name || id.startsWith(`${name}:`));
    return index === -1 ? ORDER.length : index;
  };
  return Object.values(manifest.commands)
    .filter((command) => command.hidden !== true)
    .sort((a, b) => rank(a.id) - rank(b.id) || a.id.localeCompare(b.id));
}

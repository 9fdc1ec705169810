import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { gitStatusOf } from '../../src/lib/io/git-work-tree.js';
import { hasProgram, runIn } from '../x509/container/programs.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tlsmedic-git-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const git = (where: string, ...args: string[]): void => runIn(where, 'git', '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args);

it.skipIf(!hasProgram('git', ['--version'])).each(['2', '3', '4'])('tells tracked from untracked, index version %s', (version) => {
  const root = join(folder, `v${version}`);
  mkdirSync(join(root, 'deep/er'), { recursive: true });
  git(root, 'init', '-q');
  for (const name of ['a.key', 'deep/b.key', 'deep/er/c.key', 'left.key']) writeFileSync(join(root, name), name);
  git(root, 'add', 'a.key', 'deep');
  git(root, 'update-index', '--index-version', version);
  const tracked = version === '4' ? undefined : true;
  expect(gitStatusOf(join(root, 'deep/er/c.key'))).toEqual(tracked === undefined ? { root } : { root, tracked });
  expect(gitStatusOf(join(root, 'a.key'))?.tracked).toBe(tracked);
  expect(gitStatusOf(join(root, 'left.key'))?.tracked).toBe(version === '4' ? undefined : false);
});

it.skipIf(!hasProgram('git', ['--version']))('follows the .git file of a linked work tree', () => {
  const root = join(folder, 'main');
  mkdirSync(root);
  git(root, 'init', '-q');
  writeFileSync(join(root, 'k.key'), 'k');
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'k');
  git(root, 'worktree', 'add', '-q', join(folder, 'linked'));
  expect(gitStatusOf(join(folder, 'linked/k.key'))).toEqual({ root: join(folder, 'linked'), tracked: true });
});

it('nothing outside a work tree; a damaged index is no verdict', () => {
  const bare = join(folder, 'bare');
  mkdirSync(join(bare, '.git'), { recursive: true });
  writeFileSync(join(bare, '.git/index'), 'DIRC nonsense');
  writeFileSync(join(bare, 'k'), '');
  expect(gitStatusOf(join(bare, 'k'))).toEqual({ root: bare });
  expect(gitStatusOf(join(folder, 'nowhere'))).toBeUndefined();
});

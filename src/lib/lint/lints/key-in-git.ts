import { keyFileLint } from '../lint.js';

export const keyInGit = keyFileLint({
  meta: {
    name: 'key-in-git',
    severity: 'warning',
    title: 'a private key in a git work tree',
    why: 'A key that was committed once stays in the history of every clone; taking the file away does not take it back.',
    fix: 'keep it outside, or name it in .gitignore; if it was ever committed, issue a new key and revoke the old certificate',
    citation: { url: 'https://cwe.mitre.org/data/definitions/540.html', title: 'CWE-540: sensitive information in source code' },
  },
  applies: ({ git }) => git !== undefined,
  check: ({ git, encrypted }) => {
    if (git === undefined || (encrypted && git.tracked !== true)) return undefined;
    const kept =
      git.tracked === true
        ? 'and git tracks it: it is in the history of every clone'
        : git.tracked === false
          ? 'not tracked so far'
          : 'whether it is tracked could not be read';
    return { message: `lies in the git work tree ${git.root}, ${kept}` };
  },
});

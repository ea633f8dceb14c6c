import { type BadDefinition, session, sessions } from './bad-definition.ts';

const clone = (git: string, ...lines: string[]) =>
  sessions(session('id: b', `project: { git: ${JSON.stringify(git)} }`, 'prompt: x', ...lines));
const at = ['sessions', 1, 'project'];
const refused = (says: string, git: string, message: string): BadDefinition => ({
  ...{ says, text: clone(git), code: 'bad_repository', at: '8:21', path: [...at, 'git'], message },
});
const withCredentials = (says: string, git: string): BadDefinition => ({
  ...{ says, text: clone(git), code: 'credentials_in_url', at: '8:21', path: [...at, 'git'] },
  message: 'a user name or a password',
  suggestion: 'credential helper',
});
const subdir = (says: string, name: string): BadDefinition => ({
  ...{
    says,
    code: 'bad_subdir',
    at: '8:36',
    path: [...at, 'subdir'],
    message: 'not a folder in the repository',
  },
  text: sessions(
    session('id: b', `project: { git: ../lib, subdir: ${JSON.stringify(name)} }`, 'prompt: x'),
  ).replace('../', './'),
});

/** What is wrong with the projects of sessions, above all with repositories to clone. */
export const BAD_PROJECTS: readonly BadDefinition[] = [
  {
    says: 'a session without a project',
    text: sessions(session('id: b', 'prompt: x')),
    ...{ code: 'project_choice', at: '7:5', path: ['sessions', 1], message: 'no project' },
  },
  {
    says: 'a session with two projects',
    text: clone('https://example.com/b.git', 'projectPath: web'),
    ...{ code: 'project_choice', at: '8:5', path: at, message: 'only one of projectPath and project' },
  },
  refused('a repository that is an option', '--upload-pack=touch /tmp/x', 'like an option'),
  refused('a repository that is a program', 'ext::sh -c true', 'names a program'),
  refused('a repository behind a remote helper', 'hg::https://example.com/b', 'names a program'),
  refused('a scheme that is not supported', 'ftp://example.com/b.git', '"ftp" is not supported'),
  refused('control characters in a URL', 'https://example.com/b\u0007.git', 'control characters'),
  withCredentials('a password in a URL', 'https://me:hunter2@example.com/b.git'),
  withCredentials('a token in a URL', 'https://hunter2@example.com/b.git'),
  withCredentials('a password for ssh', 'ssh://git:hunter2@example.com/b.git'),
  withCredentials('a password without a scheme', 'me:hunter2@example.com/b.git'),
  {
    says: 'a repository that does not exist',
    text: clone('./wbe'),
    ...{
      code: 'missing_folder',
      at: '8:21',
      path: [...at, 'git'],
      message: 'does not exist',
      suggestion: '"web"',
    },
  },
  subdir('a subfolder above the repository', '../x'),
  subdir('a subfolder from the root', '/etc'),
  subdir('a subfolder of .git', 'a/.GIT'),
  {
    says: 'a ref beside a base',
    text: sessions(
      session('id: b', 'project: { git: ./lib, ref: main }', 'workspace: { base: main }', 'prompt: x'),
    ),
    ...{
      code: 'base_choice',
      at: '8:33',
      path: [...at, 'ref'],
      message: 'only one of project.ref and workspace.base',
    },
  },
  {
    says: 'a clone that works elsewhere',
    text: clone('https://example.com/b.git', 'workspace: { mode: worktree }'),
    code: 'project_not_cloned',
    ...{ at: '10:24', path: ['sessions', 1, 'workspace', 'mode'], message: 'needs workspace.mode: checkout' },
  },
  {
    says: 'a checkout without a repository',
    text: sessions(session('id: b', 'projectPath: web', 'workspace: { mode: checkout }', 'prompt: x')),
    code: 'checkout_needs_project',
    ...{ at: '9:24', path: ['sessions', 1, 'workspace', 'mode'], message: 'no repository to clone' },
    suggestion: 'project: { git: PATH }',
  },
  {
    says: 'a clone that is to go into a branch',
    text: clone('https://example.com/b.git')
      .replace('sessions:', 'config:\n  integrate: { mode: merge, into: main }\nsessions:')
      .replace('prompt: do', 'prompt: do\n    integrate: { mode: none }'),
    code: 'into_of_clone',
    ...{ at: '11:14', path: at, message: 'has no branch of yours' },
  },
  {
    says: 'a set-up without a workspace of its own',
    text: sessions(session('id: b', 'projectPath: web', 'workspace: { setup: [make] }', 'prompt: x')),
    code: 'workspace_is_shared',
    ...{ at: '9:18', path: ['sessions', 1, 'workspace', 'setup'], message: 'setup is only for' },
    suggestion: 'mode: worktree',
  },
];

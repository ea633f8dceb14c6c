import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView, text } from '../document/session-view.ts';
import { shown, visible } from '../document/visible.ts';

/** A session has exactly one of these. */
export const PROJECT_KEYS = ['projectPath', 'project'] as const;

/** Whether each session has one project, and what is wrong with repositories that are to be cloned. */
export function projectChoiceFindings(sessions: readonly SessionView[]): Finding[] {
  return sessions.flatMap(session => [...choiceFindings(session), ...repositoryFindings(session)]);
}

function choiceFindings({ raw, path }: SessionView): Finding[] {
  const given = PROJECT_KEYS.filter(key => raw[key] !== undefined);
  if (given.length === 1) return [];
  const code = 'project_choice';
  if (given.length === 0) return [{ code, message: 'no project: set one of projectPath and project', path }];
  const message = 'only one of projectPath and project is allowed';
  return [{ code, message, path: [...path, 'project'], points: 'key' }];
}

function repositoryFindings({ raw, path }: SessionView): Finding[] {
  if (!isMap(raw.project)) return [];
  const { git, subdir, ref } = raw.project;
  const at = [...path, 'project'];
  const found = [
    ...gitFindings(text(git), [...at, 'git']),
    ...subdirFindings(text(subdir), [...at, 'subdir']),
  ];
  if (ref === undefined || !isMap(raw.workspace) || raw.workspace.base === undefined) return found;
  const message = 'only one of project.ref and workspace.base is allowed';
  return [...found, { code: 'base_choice', message, path: [...at, 'ref'] }];
}

/** `helper::address`: git runs the program `git-remote-helper`, and with `ext::` whatever follows. */
const HELPER = /^[A-Za-z0-9+.-]+::/;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;
const SCHEMES: readonly string[] = ['https', 'http', 'ssh', 'git', 'file'];
/** What is between a URL's scheme and its host. */
const USER = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)@|^([^/@]+:[^/@]+)@/;
const isPlain = (text: string): boolean => visible(text) === text;

function gitFindings(git: string | undefined, path: Finding['path']): Finding[] {
  if (git === undefined) return []; // the schema says so
  const at = { code: 'bad_repository', path } as const;
  const user = USER.exec(git)
    ?.slice(1)
    .find(part => part !== undefined);
  if (user !== undefined && isCredential(git, user)) {
    return [
      {
        code: 'credentials_in_url',
        path,
        message: 'the URL contains a user name or a password; it would be stored with the group',
        suggestion: 'take it out of the URL: git asks your credential helper (git help credentials)',
        secret: true,
      },
    ];
  }
  if (git.startsWith('-'))
    return [{ ...at, message: `${shown(git)} begins with "-", like an option of git` }];
  if (!isPlain(git)) return [{ ...at, message: 'the URL contains control characters' }];
  if (HELPER.test(git)) return [{ ...at, message: `${shown(git)} names a program for git to run` }];
  const scheme = SCHEME.exec(git)?.[1]?.toLowerCase();
  if (scheme === undefined || SCHEMES.includes(scheme)) return [];
  return [
    { ...at, message: `"${scheme}" is not supported`, suggestion: `use ${SCHEMES.join(', ')} or a path` },
  ];
}

/** With ssh, a name alone says who logs in; with the others, it may be a token. */
const isCredential = (git: string, user: string): boolean => user.includes(':') || !/^ssh:/i.test(git);

function subdirFindings(subdir: string | undefined, path: Finding['path']): Finding[] {
  if (subdir === undefined) return [];
  const names = subdir.replace(/\/+$/, '').split('/');
  const isInside = names.every(name => !['', '.', '..', '.git'].includes(name.toLowerCase()));
  if (isInside && isPlain(subdir) && !subdir.includes('\\')) return [];
  const suggestion = 'write a path from the top of the repository, such as services/api';
  return [
    { code: 'bad_subdir', path, message: `${shown(subdir)} is not a folder in the repository`, suggestion },
  ];
}

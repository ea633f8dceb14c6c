/**
 * The text files of a group: copied when it is created, so that later edits of the originals don't affect an existing
 * group. Plain data that could be sent to another machine. Keys are paths relative to their folder, with forward
 * slashes and without `..`.
 */
export interface GroupFiles {
  /** The templates that the definition names, front matter included; `implement-feature`, `team/review`. */
  readonly templates: Readonly<Record<string, string>>;
  /** The contents of `shared-config/` next to the definition: `CLAUDE.md`, `settings.json`, `commands/review.md`. */
  readonly sharedConfig: Readonly<Record<string, string>>;
}

export const NO_FILES: GroupFiles = Object.freeze({
  templates: Object.freeze({}),
  sharedConfig: Object.freeze({}),
});

const PART = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** Whether a key of GroupFiles stays in its folder: no `..`, not absolute, no hidden or empty part, at most 8 deep. */
export function isInnerPath(path: string): boolean {
  const parts = path.split('/');
  return parts.length <= 8 && parts.every(part => PART.test(part));
}

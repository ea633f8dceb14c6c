import type { WaitReason } from '../sdk/group/progress/progress.ts';
import * as words from '../words/wait-words.ts';
import { cleanLine } from './text.ts';

/** Why a session or a group is waiting, in words; one sanitized line. */
export const waitWords = (why: WaitReason, now: number): string => cleanLine(words.waitWords(why, now));

/** The reason from an event or a result in words, sanitized; an unknown one as it is. */
export const pauseWords = (reason: string): string => cleanLine(words.pauseWords(reason));

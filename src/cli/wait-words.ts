import type { WaitReason } from '../sdk/group/progress/progress.ts';
import * as words from '../words/wait-words.ts';
import { cleanLine } from './text.ts';

/** Why a session or a group is not going on, for people. One line, clean. */
export const waitWords = (why: WaitReason, now: number): string => cleanLine(words.waitWords(why, now));

/** A reason as events and results carry it; an unknown one is shown as it is. Clean. */
export const pauseWords = (reason: string): string => cleanLine(words.pauseWords(reason));

import type { EdgeCondition } from '../sdk/group/types.ts';

/** The pictures in responses of the HTTP API, laid out. Types only, like api-types.ts. */

/** The laid out dependency graph; `x` and `y` are centres in pixels from the top left; time runs from left to right. */
export interface GraphPicture {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphBox[];
  readonly edges: readonly GraphArrow[];
}

/** A session in the picture of a graph; with `?graph=folded`, or all sessions of a fan-out. */
export interface GraphBox extends Box {
  readonly id: string;
  /** The fan-out that it stands for, whose name followed by `[*]` is its id. Absent: it is a session. */
  readonly fanOut?: string;
  /** Whether it is on the critical path, which bounds the duration of the group. */
  readonly critical: boolean;
}

/** A dependency in the picture of a graph. */
export interface GraphArrow {
  /** The dependency. */
  readonly from: string;
  readonly to: string;
  readonly when: EdgeCondition;
  readonly critical: boolean;
  /** At least two, from border to border. */
  readonly points: readonly Point[];
}

/** `GET /chart`: the statechart of every group; static, laid out like GraphPicture, but from top to bottom. */
export interface ChartPicture {
  /** As a Mermaid state diagram. */
  readonly mermaid: string;
  readonly width: number;
  readonly height: number;
  readonly states: readonly ChartStateView[];
  readonly transitions: readonly ChartTransitionView[];
}

/** A state of a group's chart; one that is the `parent` of others stands around them. */
export interface ChartStateView extends Box {
  /** The status that a group has in it; of any other state the names from the root down, joined by dots. */
  readonly id: string;
  readonly parent?: string;
  readonly label: string;
  /** Whether it is entered first: of the states in its parent, or of all. */
  readonly initial?: boolean;
}

/** One arrow per pair of states, for all events that may cause the transition. */
export interface ChartTransitionView {
  readonly from: string;
  readonly to: string;
  /** Event names joined by commas; `always` for eventless transitions. */
  readonly event: string;
  readonly points: readonly Point[];
}

/** A point in a picture; in pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle in a picture; in pixels. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

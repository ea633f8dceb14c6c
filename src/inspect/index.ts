export {
  type Chart,
  type ChartBranch,
  type ChartState,
  type ChartTransition,
  describeChart,
} from './describe-chart.ts';
export { createInspector, type Inspector, type InspectorOptions } from './inspector.ts';
export { toMermaid } from './mermaid.ts';
export { toStatelyJson } from './stately-json.ts';

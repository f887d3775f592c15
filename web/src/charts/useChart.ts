import { type RefObject, useEffect, useRef } from "react";
import { type ECharts, type EChartsCoreOption, init } from "./echarts";

/**
 * useChart keeps one ECharts instance in an element: made once, sized with it, given each new option, disposed of on unmount.
 * `made` is called with the instance and may return a clean-up.
 */
export function useChart(
  host: RefObject<HTMLElement | null>,
  option: EChartsCoreOption,
  made?: (chart: ECharts) => (() => void) | undefined,
): RefObject<ECharts | undefined> {
  const chart = useRef<ECharts>(undefined);
  const first = useRef(made);
  useEffect(() => {
    const el = host.current;
    if (!el) return;
    const c = init(el, undefined, { renderer: "canvas" });
    chart.current = c;
    const undo = first.current?.(c);
    const watch = new ResizeObserver(() => c.resize());
    watch.observe(el);
    return () => {
      watch.disconnect();
      undo?.();
      c.dispose();
      chart.current = undefined;
    };
  }, [host]);
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true, lazyUpdate: false });
  }, [option]);
  return chart;
}

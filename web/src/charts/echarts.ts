/** The one place that registers parts of ECharts, so that nothing unused is shipped. */
import { BarChart, LineChart } from "echarts/charts";
import { AxisPointerComponent, GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, AxisPointerComponent, CanvasRenderer]);

export type { ECharts, EChartsCoreOption } from "echarts/core";
export { init };

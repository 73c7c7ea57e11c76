// What the pages draw with; `npx esbuild` makes echarts.min.js of it, as README.md beside says.
export { init } from "echarts/core";
import { use } from "echarts/core";
import { BarChart, HeatmapChart, LineChart, SankeyChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, HeatmapChart, LineChart, SankeyChart]);
use([AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent]);
use([SVGRenderer]);

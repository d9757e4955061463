// In JavaScript, because the types of echarts do not hold where optional properties are exact; draw-bars.d.ts has ours.
import { BarChart } from "echarts/charts";
import { GridComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, GridComponent, TitleComponent, SVGRenderer]);

const WIDTH = 960;
const PANEL_HEIGHT = 210;
const INK = "#1f2933";
const MARKED = "#1a7f5a";
const OTHERS = "#9aa5b1";

export function drawBars(panels) {
  const height = PANEL_HEIGHT * panels.length;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption({
    animation: false,
    backgroundColor: "#ffffff",
    title: panels.map(({ title }, i) => ({
      text: title,
      top: i * PANEL_HEIGHT + 12,
      left: 16,
      textStyle: { fontSize: 15, color: INK },
    })),
    grid: panels.map((_, i) => ({
      top: i * PANEL_HEIGHT + 44,
      height: PANEL_HEIGHT - 60,
      left: 330,
      right: 80,
    })),
    xAxis: panels.map((_, i) => ({ type: "value", gridIndex: i, show: false })),
    yAxis: panels.map(({ bars }, i) => ({
      type: "category",
      gridIndex: i,
      data: bars.map(({ name }) => name),
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { fontSize: 13, color: INK },
    })),
    series: panels.map(({ bars }, i) => ({
      type: "bar",
      silent: true,
      xAxisIndex: i,
      yAxisIndex: i,
      barMaxWidth: 20,
      label: { show: true, position: "right", fontSize: 13, color: INK },
      data: bars.map(({ value, isMarked }) => ({
        value: Number(value.toPrecision(3)),
        itemStyle: { color: isMarked ? MARKED : OTHERS },
      })),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

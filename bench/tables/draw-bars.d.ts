/** Bars of one scale below each other, under a title. The first is at the bottom. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** A bar, with its name and its value written beside it. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Whether it has the colour that stands out. */
  readonly isMarked: boolean;
}

/** Draws panels below each other, as SVG: the same for the same panels. */
export function drawBars(panels: readonly Panel[]): string;

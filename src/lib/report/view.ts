import { createStyle, type Style } from './style.js';

/** What a renderer may know about where its text goes. Renderers are pure: same data, same view, same text. */
export interface View {
  readonly style: Style;
  /** Columns to fill at most; 80 must do. */
  readonly width: number;
  /** `--verbose`, where a command has it. */
  readonly verbose: boolean;
}

/** A view without colour: for files, tests and pipes. */
export function plainView({
  width = 80,
  unicode = true,
  verbose = false,
}: {
  width?: number;
  unicode?: boolean;
  verbose?: boolean;
} = {}): View {
  return { style: createStyle({ colour: false, unicode }), width, verbose };
}

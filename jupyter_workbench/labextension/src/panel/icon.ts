/** The icon of the panel: a bench with two targets. */

import { LabIcon } from '@jupyterlab/ui-components';

export const workbenchIcon = new LabIcon({
  name: 'jupyter_workbench:workbench',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <path d="M2 13h20v3h-2v6h-3v-6H7v6H4v-6H2z"/>
    <path d="M7.5 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm0 2.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3z"/>
    <path d="M14 4h7v7h-7zm2.5 2.5v2h2v-2z"/>
  </g>
</svg>`
});

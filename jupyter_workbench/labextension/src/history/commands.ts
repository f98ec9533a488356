/** The commands of the run history. */

export const CommandIDs = {
  /** Arguments: `project`, the folder of a project, asked for when it is missing; `runs`, their ids. */
  open: 'jupyter-workbench:open-history',
  route: 'jupyter-workbench:route-to-history'
};

// Package notebook looks into Jupyter notebooks (nbformat 3 and 4, as Jupyter, Colab
// and Databricks write them) and notebooks that Databricks exports as Python source.
//
// The code of all cells becomes one Python file for the Python scanner, with magics
// and shell escapes replaced line by line; all text, outputs included, is shown to
// the scanners of text. Their findings point to the cell and the line in it. What a
// notebook adds to that, commands, active outputs and traces of its author, is judged
// here.
package notebook

package tui

import (
	"strings"

	"anywhere/pki/foreign"
	"anywhere/steps"
)

// labelColumn is the width of the labels of a list: the longest, but no more than
// labelWidth.
func labelColumn(labels []string) int {
	n := 0
	for _, l := range labels {
		n = max(n, foreign.Width(clean(l)))
	}
	return min(n, labelWidth) + 2
}

func evidenceLabels(list []steps.Evidence) []string {
	labels := make([]string, len(list))
	for i, e := range list {
		labels[i] = e.Label
	}
	return labels
}

// evidenceLines are things seen, each with what it means: beside it where there
// is room, else below.
func evidenceLines(list []steps.Evidence, width int, look theme) []string {
	return evidenceIn(list, labelColumn(evidenceLabels(list)), width, look)
}

// evidenceIn is evidenceLines with a given column of labels.
func evidenceIn(list []steps.Evidence, label, width int, look theme) []string {
	var lines []string
	for _, e := range list {
		value := short(e.Value, width-label)
		line := look.dim.Render(pad(short(e.Label, label-2), label)) + value
		note := clean(e.Note)
		if note != "" && label+foreign.Width(value)+2+foreign.Width(note) <= width {
			lines = append(lines, line+"  "+look.dim.Render(note))
			continue
		}
		lines = append(lines, strings.TrimRight(line, " "))
		for _, l := range wrap(e.Note, width-label) {
			lines = append(lines, strings.Repeat(" ", label)+look.dim.Render(l))
		}
	}
	return lines
}

package sharedconfig

import (
	"fmt"
	"strings"

	"anywhere/pki/foreign"
)

// around is how many unchanged lines stand around a change, as diff -u has it.
const around = 3

// Diff returns the difference between two versions of a file as a unified diff,
// for reading: what does not print is made visible, and the values of secrets in
// the lines around a change are left out. It is empty if the bytes are the same.
func Diff(name string, before, after []byte) string {
	if string(before) == string(after) {
		return ""
	}
	old, new := cutLines(before), cutLines(after)
	var b strings.Builder
	title := foreign.Text(name)
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", title, title)
	for _, hunk := range hunks(compare(old, new)) {
		hunk.write(&b)
	}
	return b.String()
}

func cutLines(data []byte) []string {
	lines := strings.SplitAfter(string(data), "\n")
	if lines[len(lines)-1] == "" {
		return lines[:len(lines)-1]
	}
	return lines
}

// edit is one line of a diff; mark is ' ', '-' or '+'.
type edit struct {
	mark byte
	text string
}

// compare returns the lines of both versions in one list. What both begin and
// end with is not searched; the rest is a longest common subsequence, or, where
// that would cost too much, everything out and everything in.
func compare(old, new []string) []edit {
	var head, tail []edit
	for len(old) > 0 && len(new) > 0 && old[0] == new[0] {
		head = append(head, edit{' ', old[0]})
		old, new = old[1:], new[1:]
	}
	cut := 0
	for cut < min(len(old), len(new)) && old[len(old)-1-cut] == new[len(new)-1-cut] {
		cut++
	}
	for _, text := range old[len(old)-cut:] {
		tail = append(tail, edit{' ', text})
	}
	old, new = old[:len(old)-cut], new[:len(new)-cut]
	common := func(int, int) int { return 0 }
	if len(old)*len(new) <= 1<<22 {
		common = longest(old, new)
	}
	for i, j := 0, 0; i < len(old) || j < len(new); {
		switch {
		case i < len(old) && j < len(new) && old[i] == new[j]:
			head = append(head, edit{' ', old[i]})
			i, j = i+1, j+1
		case j == len(new) || i < len(old) && common(i+1, j) >= common(i, j+1):
			head = append(head, edit{'-', old[i]})
			i++
		default:
			head = append(head, edit{'+', new[j]})
			j++
		}
	}
	return append(head, tail...)
}

// longest tells how many lines old[i:] and new[j:] have in common, in order.
func longest(old, new []string) func(i, j int) int {
	table := make([][]int, len(old)+1)
	table[len(old)] = make([]int, len(new)+1)
	for i := len(old) - 1; i >= 0; i-- {
		table[i] = make([]int, len(new)+1)
		for j := len(new) - 1; j >= 0; j-- {
			if old[i] == new[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return func(i, j int) int { return table[i][j] }
}

// hunk is a run of lines with its place in both versions, counted from 0.
type hunk struct {
	old, new int
	edits    []edit
}

// hunks cuts out the changes with the lines around them.
func hunks(edits []edit) []hunk {
	near := make([]bool, len(edits))
	for i, e := range edits {
		if e.mark != ' ' {
			for k := max(0, i-around); k < min(len(edits), i+around+1); k++ {
				near[k] = true
			}
		}
	}
	var all []hunk
	old, new := 0, 0
	for i, e := range edits {
		if near[i] {
			if i == 0 || !near[i-1] {
				all = append(all, hunk{old: old, new: new})
			}
			h := &all[len(all)-1]
			h.edits = append(h.edits, e)
		}
		if e.mark != '+' {
			old++
		}
		if e.mark != '-' {
			new++
		}
	}
	return all
}

func (h hunk) write(b *strings.Builder) {
	var old, new int
	for _, e := range h.edits {
		if e.mark != '+' {
			old++
		}
		if e.mark != '-' {
			new++
		}
	}
	fmt.Fprintf(b, "@@ -%s +%s @@\n", extent(h.old, old), extent(h.new, new))
	for _, e := range h.edits {
		fmt.Fprintf(b, "%c%s\n", e.mark, readable(e.text))
		if !strings.HasSuffix(e.text, "\n") {
			b.WriteString("\\ No newline at end of file\n")
		}
	}
}

// extent writes a place as POSIX diff -U has it: the number of the first line, or
// of the line before if there is none, and the count unless it is 1.
func extent(start, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, count)
}

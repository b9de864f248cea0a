package tui

import "testing"

func TestTheSummaryAsTextIsWhole(t *testing.T) {
	fake := newFakeSetup()
	summary := fake.Summary()
	summary.Notes = []string{"The CA key has no passphrase."}
	sameAsGolden(t, "summary", summary.Text())
}

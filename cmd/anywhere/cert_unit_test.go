package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestUnitsRunTheSameCommandEverywhere(t *testing.T) {
	for _, kind := range unitKinds {
		text, err := unit(kind, "/opt/anywhere/bin/anywhere", "lab", renewJob("lab", 90*24*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		plain := strings.NewReplacer("</string><string>", " ", "<string>", "", "</string>", "").Replace(text)
		if !strings.Contains(plain, "/opt/anywhere/bin/anywhere cert renew --if-needed --setup lab") {
			t.Errorf("%s:\n%s", kind, text)
		}
		if strings.Contains(text, "ANYWHERE_HOME") {
			t.Errorf("%s names a home that was not moved:\n%s", kind, text)
		}
	}
	// A task of Windows has no environment: the home was lost there.
	if task, err := unit("schtasks", "/usr/bin/anywhere", "lab", movedJob()); err != nil || !strings.Contains(task, `/TR "cmd /c set ANYWHERE_HOME=/srv/anywhere&& /usr/bin/anywhere cert renew `) {
		t.Errorf("%v\n%s", err, task)
	}
	if _, err := unit("schtasks", "/"+strings.Repeat("a", 250), "lab", renewJob("lab", time.Hour)); err == nil || !strings.Contains(err.Error(), "at most 261") {
		t.Errorf("got %v; schtasks cuts such a line off", err)
	}
	moved, err := unit("systemd", "/usr/bin/anywhere", "lab", movedJob())
	if err != nil || !strings.Contains(moved, "\nEnvironment=ANYWHERE_HOME=/srv/anywhere\n") {
		t.Errorf("%v\n%s", err, moved)
	}
}

// movedJob is for a home that is not where it usually is.
func movedJob() job {
	j := renewJob("lab", 90*24*time.Hour)
	j.Environment = []string{"ANYWHERE_HOME=/srv/anywhere"}
	return j
}

// A timer of an hour missed the last third of a life of five minutes.
func TestATimerLooksOftenEnoughForTheLife(t *testing.T) {
	for life, want := range map[time.Duration][3]string{
		5 * time.Minute:     {"OnCalendar=*:0/1\n", "<integer>60</integer>", "/SC MINUTE /MO 1 "},
		23 * time.Hour:      {"OnCalendar=*:0/10\n", "<integer>600</integer>", "/SC MINUTE /MO 10 "},
		24 * time.Hour:      {"OnCalendar=hourly\n", "<integer>3600</integer>", "/SC MINUTE /MO 60 "},
		90 * 24 * time.Hour: {"OnCalendar=hourly\n", "<integer>3600</integer>", "/SC MINUTE /MO 60 "},
	} {
		for i, kind := range unitKinds {
			text, err := unit(kind, "/usr/bin/anywhere", "lab", renewJob("lab", life))
			if err != nil || !strings.Contains(text, want[i]) {
				t.Errorf("%v, %s: %v, want %q in\n%s", life, kind, err, want[i], text)
			}
		}
	}
}

func TestTheAgentOfLaunchdIsXML(t *testing.T) {
	text, err := unit("launchd", "/usr/bin/anywhere", "lab", movedJob())
	if err != nil {
		t.Fatal(err)
	}
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPathThatCouldRunSomethingElseIsRefused(t *testing.T) {
	for _, program := range []string{"/opt/any where/anywhere", "/opt/a;b/anywhere", "/opt/a\nExecStart=/bin/sh", "/opt/%h/anywhere", `/opt/"x"/anywhere`, "anywhere", "/opt/<x>/anywhere"} {
		for _, kind := range unitKinds {
			if text, err := unit(kind, program, "lab", renewJob("lab", 90*24*time.Hour)); err == nil {
				t.Errorf("%s, %q:\n%s", kind, program, text)
			}
		}
	}
	for _, word := range []string{"https://ca.example.com/crl?a=1&b=2", "https://ca.example.com/%n", "a b", ""} {
		if text, err := unit("systemd", "/usr/bin/anywhere", "lab", job{Args: []string{"--import", word}}); err == nil {
			t.Errorf("%q:\n%s", word, text)
		}
	}
	if _, err := unit("cron", "/usr/bin/anywhere", "lab", renewJob("lab", 90*24*time.Hour)); err == nil || !strings.Contains(err.Error(), "no such scheduler") {
		t.Errorf("got %v", err)
	}
}

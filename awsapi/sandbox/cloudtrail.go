package sandbox

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// cloudTrail is the event history.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
func cloudTrail() *service {
	attribute := object(
		must("AttributeKey", shape{kind: text, enum: []string{"EventId", "EventName", "ReadOnly", "Username", "ResourceType", "ResourceName", "EventSource", "AccessKeyId"}}),
		must("AttributeValue", shape{kind: text, min: 1, max: 2000}))
	return &service{name: "cloudtrail", title: "cloudtrail", talk: targetJSON, pick: pickByName(target), operations: []operation{
		{name: "LookupEvents", do: lookupEvents, takes: []member{
			may("LookupAttributes", listOf(attribute, 0, 1)), may("StartTime", shape{kind: anyNumber}), may("EndTime", shape{kind: anyNumber}),
			may("MaxResults", shape{kind: whole, min: 1, max: 50}), may("NextToken", shape{kind: text}), may("EventCategory", shape{kind: text}),
		}},
	}}
}

type lookupInput struct {
	LookupAttributes []struct{ AttributeKey, AttributeValue string }
	StartTime        float64
	EndTime          float64
	MaxResults       int
	NextToken        string
	EventCategory    string
}

type eventSummary struct {
	EventID     string          `json:"EventId"`
	EventName   string          `json:"EventName"`
	ReadOnly    string          `json:"ReadOnly"`
	AccessKeyID string          `json:"AccessKeyId,omitempty"`
	EventTime   float64         `json:"EventTime"` // seconds since 1970
	EventSource string          `json:"EventSource"`
	Username    string          `json:"Username,omitempty"`
	Resources   []eventResource `json:"Resources"`
	Record      string          `json:"CloudTrailEvent"`
}

type eventResource struct {
	Type string `json:"ResourceType"`
	Name string `json:"ResourceName"`
}

func lookupEvents(c *call) (any, *refusal) {
	in := take[lookupInput](c)
	if in.EventCategory != "" {
		return nil, notHere("cloudtrail LookupEvents of category " + in.EventCategory)
	}
	from := 0
	if in.NextToken != "" {
		text, err := base64.StdEncoding.DecodeString(in.NextToken)
		if from, _ = strconv.Atoi(string(text)); err != nil || from <= 0 {
			return nil, refuse(http.StatusBadRequest, "InvalidNextTokenException", "Invalid token.")
		}
	}
	if in.EndTime != 0 && in.StartTime > in.EndTime {
		return nil, refuse(http.StatusBadRequest, "InvalidTimeRangeException", "The start time is later than the end time.")
	}
	var fit []eventSummary
	for _, e := range slices.Backward(c.account.Events) { // newest first
		if c.region == e.Region && in.fits(e) {
			fit = append(fit, e.summary())
		}
	}
	from = min(from, len(fit))
	to := min(from+cmp.Or(in.MaxResults, 50), len(fit))
	out := struct {
		Events    []eventSummary `json:"Events"`
		NextToken string         `json:"NextToken,omitempty"`
	}{Events: append([]eventSummary{}, fit[from:to]...)}
	if to < len(fit) {
		out.NextToken = base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(to)))
	}
	return out, nil
}

func (in lookupInput) fits(e *event) bool {
	at := float64(e.Time.Unix())
	if at < in.StartTime || in.EndTime != 0 && at > in.EndTime {
		return false
	}
	for _, a := range in.LookupAttributes {
		var have []string
		switch a.AttributeKey {
		case "EventId":
			have = []string{e.ID}
		case "EventName":
			have = []string{e.Name}
		case "ReadOnly":
			have = []string{strconv.FormatBool(e.ReadOnly)}
		case "Username":
			have = []string{e.Username}
		case "EventSource":
			have = []string{e.Source}
		case "AccessKeyId":
			have = []string{e.AccessKeyID}
		case "ResourceName":
			for _, r := range e.Resources {
				have = append(have, r.Name)
			}
		case "ResourceType":
			for _, r := range e.Resources {
				have = append(have, r.Type)
			}
		}
		if !slices.Contains(have, a.AttributeValue) {
			return false
		}
	}
	return true
}

func (e *event) summary() eventSummary {
	return eventSummary{e.ID, e.Name, strconv.FormatBool(e.ReadOnly), e.AccessKeyID, float64(e.Time.Unix()), e.Source, e.Username,
		append([]eventResource{}, e.Resources...), string(e.Record)}
}

// event is one thing that happened.
type event struct {
	ID          string          `json:"id"`
	Name        string          `json:"name"`
	Source      string          `json:"source"`
	Region      string          `json:"region"`
	Time        time.Time       `json:"time"`
	ReadOnly    bool            `json:"readOnly"`
	Username    string          `json:"username,omitempty"`
	AccessKeyID string          `json:"accessKeyId,omitempty"`
	Resources   []eventResource `json:"resources,omitempty"`
	Record      json.RawMessage `json:"record"`
}

package session

import (
	"fmt"
	"strings"

	"anywhere/signer/refusals"
)

// AnswerError says that an answer is neither a session nor AWS's no.
type AnswerError struct{ says string }

func (e *AnswerError) Error() string { return "read session: " + e.says }

// Hint says who may have given it.
func (e *AnswerError) Hint() string {
	return "this is not how AWS answers: look at the endpoint and the proxy (HTTPS_PROXY, NO_PROXY)"
}

// Refused is AWS's no to CreateSession, in AWS's words.
type Refused struct {
	Status    int    // of HTTP
	Type      string // AccessDeniedException, ...; empty if the answer is not in AWS's form
	Message   string // verbatim; shown only through pki/foreign
	RequestID string // empty if none was given
	Date      string // the header of that name: the server's clock
}

func (e *Refused) Error() string {
	text := fmt.Sprintf("create session: HTTP %d", e.Status)
	if e.Type != "" {
		text += " " + e.Type
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Hint says what AWS's sentence means, as far as that is known, and what to run.
func (e *Refused) Hint() string {
	if e.Type == "" {
		return "this is not AWS's form of an answer: look at the endpoint and the proxy"
	}
	if matches := refusals.Matches(e.Message); len(matches) > 0 {
		return matches[0].Refusal.Means + "; anywhere explain " + matches[0].Refusal.Causes[0]
	}
	switch {
	case e.Status == 429:
		return "too many ask AWS at once: keep sessions, without --no-cache; anywhere explain RA405"
	case e.Status >= 500:
		return "AWS has trouble: try again later; https://health.aws.amazon.com/health/status tells more"
	}
	return "anywhere doctor looks for the cause"
}

// maxMessage is how much of a refusal's text is kept.
const maxMessage = 1000

// refusal reads an answer that is not a success. AWS names the type in
// X-Amzn-ErrorType, after which a colon and an address may follow, or in the
// body; a proxy does neither.
func refusal(answer *Answer) *Refused {
	fields, _ := decodeObject(answer.Body) // what is not JSON has no message
	e := &Refused{
		Status:    answer.Status,
		Type:      first(answer.Get("x-amzn-errortype"), fields.text("code"), fields.text("__type")),
		Message:   first(fields.text("message"), fields.text("Message")),
		RequestID: answer.Get("x-amzn-requestid"),
		Date:      answer.Get("date"),
	}
	e.Type, _, _ = strings.Cut(e.Type, ":")
	if _, name, ok := strings.Cut(e.Type, "#"); ok {
		e.Type = name
	}
	if len(e.Message) > maxMessage {
		e.Message = strings.ToValidUTF8(e.Message[:maxMessage], "")
	}
	return e
}

// first returns the first of texts that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// streamEvents are the events of a stream with the type of their data.
var streamEvents = []struct {
	name string
	data reflect.Type
	ofIt string
}{
	{"hello", reflect.TypeFor[LiveHello](), "LiveHello"},
	{"tail", reflect.TypeFor[LiveTail](), "LiveTail"},
	{"alerts", reflect.TypeFor[LiveAlerts](), "LiveAlerts"},
	{"intake", reflect.TypeFor[HomeIntake](), "HomeIntake"},
	{"job", reflect.TypeFor[LiveJob](), "LiveJob"},
	{"problem", reflect.TypeFor[LiveProblem](), "LiveProblem"},
	{"end", reflect.TypeFor[LiveEnd](), "LiveEnd"},
}

// describeStream tells clients the types of what a stream carries.
func describeStream(o *huma.OpenAPI) {
	one := make([]*huma.Schema, len(streamEvents))
	for i, e := range streamEvents {
		one[i] = &huma.Schema{
			Type: "object", Required: []string{"id", "event", "data"},
			Properties: map[string]*huma.Schema{
				"id":    {Type: "integer"},
				"event": {Type: "string", Enum: []any{e.name}},
				"data":  o.Components.Schemas.Schema(e.data, true, e.ofIt),
			},
		}
	}
	o.Paths["/stream"].Get.Responses["200"] = &huma.Response{
		Description: "Events until the client hangs up",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{OneOf: one}}},
	}
}

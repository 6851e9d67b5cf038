package pyflow

import "strings"

// generated is what is known of methods that implement a generated interface: gRPC makes
// a class GreeterServicer for a service Greeter, in a module that is not looked at or one
// of the project (greeter_pb2_grpc.py), and the program a class with that base. The
// name of their [Params] is "*" with the end of the base's name.
func (a *Analysis) generated(c *class, method string) *Params {
	p := a.spec.Params["*Servicer.*"]
	if p == nil || strings.HasPrefix(method, "_") {
		return nil
	}
	for _, b := range c.bases {
		if b != nil && (strings.HasSuffix(b.ref, "Servicer") || b.cls != nil && strings.HasSuffix(b.cls.name, "Servicer")) {
			return p
		}
	}
	return nil
}

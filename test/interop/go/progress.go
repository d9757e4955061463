package main

import pb "longrunning.example/interop/simulator"

// What was seen of the metadata of one operation, the latest at the end.
type progress []*pb.SimulateWorkMetadata

func (p progress) saw() saw {
	rising, states := true, map[int32]bool{}
	for index, metadata := range p {
		rising = rising && (index == 0 || metadata.StepsDone >= p[index-1].StepsDone)
		states[metadata.StepsDone] = true
	}
	last := p[len(p)-1]
	return saw{"stepsDone": last.StepsDone, "stepsTotal": last.StepsTotal, "rising": rising && len(states) > 1}
}

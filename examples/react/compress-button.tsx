import { useMutation } from "@connectrpc/connect-query";
import { defineOperationType } from "longrunning/client";
import { useCancelOperation, useOperation, useOperationProgress } from "longrunning/react";
import {
  ArchiveService,
  CompressFileMetadataSchema,
  CompressFileResponseSchema,
} from "../archive/gen/archive/v1/archive_pb.ts";

const CompressFile = defineOperationType({
  response: CompressFileResponseSchema,
  metadata: CompressFileMetadataSchema,
});

export function CompressButton({ path }: { readonly path: string }) {
  const { mutate: compress, data: started, error: refusal } = useMutation(ArchiveService.method.compressFile);
  const { mutate: cancel } = useCancelOperation();
  const name = started?.name;
  const { status, response, error } = useOperation(CompressFile, name);

  if (refusal) return <p role="alert">{refusal.rawMessage}</p>;
  if (!name) return <Button label={`Compress ${path}`} onClick={() => compress({ path })} />;
  if (error) return <p role="alert">{`${status}: ${error.rawMessage}`}</p>;
  if (response) return <p>{`${response.path}: ${response.sizeBytes} bytes`}</p>;
  return (
    <p>
      <Bar name={name} /> <Button label="Cancel" onClick={() => cancel({ name })} />
    </p>
  );
}

function Bar({ name }: { readonly name: string }) {
  const percent = useOperationProgress(CompressFile, name, ({ bytesRead, bytesTotal }) =>
    Number((bytesRead * 100n) / (bytesTotal || 1n)),
  );
  return <progress max={100} value={percent} />;
}

function Button({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button type="button" onClick={onClick}>
      {label}
    </button>
  );
}

function Get-ObjectKind($Value) {
    # Which kind of thing an object describes: batch, user or endpoint; by its properties, as Select-Object and CSV files keep those.
    $properties = $Value.psobject.Properties
    if ($properties['BatchGuid']) { return 'batch' }
    if ($properties['EndpointType']) { return 'endpoint' }
    if ($properties['BatchId'] -and $properties['Identity']) { return 'user' }
}

PREFIX : <http://example/>
DELETE { ?s :p ?v } INSERT { GRAPH <http://example/g> { ?s :was ?v } } WHERE { ?s :p ?v FILTER(ISIRI(?s)) } ;
INSERT DATA { :new :p 5 }

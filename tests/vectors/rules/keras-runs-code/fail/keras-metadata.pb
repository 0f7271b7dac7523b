
•root.layer-0"_tf_keras_layer*r{"name": "l", "class_name": "Lambda", "config": {"function": ["4wEAAAA=", null, null], "function_type": "lambda"}}